/** Where identities of clouds with a border of their own are asked for. https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud */
const authorities: readonly [RegExp, string][] = [
  [/\.usgovcloudapi\.net$/i, 'https://login.microsoftonline.us'],
  [/\.(?:chinacloudapi|azure)\.cn$/i, 'https://login.chinacloudapi.cn'],
];

/**
 * The authority that gives tokens for an address, told by its ending; undefined of public Azure, or where AZURE_AUTHORITY_HOST alone can say
 * it.
 * @param address of a container or a key vault
 */
export function authorityOf(address: string): string | undefined {
  const host = URL.parse(address)?.hostname ?? '';
  return authorities.find(([ending]) => ending.test(host))?.[1];
}
