import {
  BlobSASPermissions,
  generateBlobSASQueryParameters,
  SASProtocol,
  type BlobServiceClient,
  type UserDelegationKey,
} from '@azure/storage-blob';

/** ms for which a key is used: so one request serves many addresses. */
const keyUse = 3_600_000;
/** ms by which clocks may differ */
const skew = 15 * 60_000;

/** Of the signature: what it is made of changes with newer ones, and Azurite knows those up to this. */
const version = '2020-12-06';

/** A blob, and for how long it is lent: epoch ms. */
export interface Loan {
  container: string;
  blob: string;
  now: number;
  until: number;
}

/**
 * Makes what stands behind a blob's address so that anybody may read that one blob: a shared access signature by user
 * delegation, which ends with the rights of our identity. A browser that gets there saves the file and never shows it.
 * https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas
 */
export function openLending(service: BlobServiceClient): (loan: Loan) => Promise<string> {
  let kept: { key: Promise<UserDelegationKey>; from: number; until: number } | undefined;
  const keyFor = ({ now, until }: Loan) => {
    if (kept !== undefined && now < kept.from + keyUse && until <= kept.until) return kept.key;
    const end = until + keyUse;
    const current = { key: service.getUserDelegationKey(new Date(now - skew), new Date(end)), from: now, until: end };
    kept = current;
    current.key.catch(() => {
      if (kept === current) kept = undefined;
    });
    return current.key;
  };
  return async (loan) => {
    const key = await keyFor(loan);
    const values = {
      version,
      containerName: loan.container,
      blobName: loan.blob,
      permissions: BlobSASPermissions.parse('r'),
      startsOn: new Date(loan.now - skew),
      expiresOn: new Date(loan.until),
      protocol: service.url.startsWith('https:') ? SASProtocol.Https : SASProtocol.HttpsAndHttp,
      contentType: 'application/octet-stream',
      contentDisposition: 'attachment',
    };
    return generateBlobSASQueryParameters(values, key, service.accountName).toString();
  };
}
