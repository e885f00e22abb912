import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { SecretClientOptions } from '@azure/keyvault-secrets';

/** A key vault and the identity endpoint of an App Service, on the loopback. */
export interface FakeVault {
  url: string;
  /** what the environment of an app with a user-assigned identity holds */
  identity: { IDENTITY_ENDPOINT: string; IDENTITY_HEADER: string; AZURE_CLIENT_ID: string };
  secrets: Map<string, string>;
  /** answers every request for a secret with this instead; `inner` says why a 403 is one */
  refusal: { status: number; code: string; inner?: string } | undefined;
  /** whom the challenge asks a token for */
  resource: string;
  /** how often each secret was read */
  reads: string[];
  close(): Promise<void>;
}

const header = 'fake-identity-header';
const token = 'fake-vault-token';

/** Starts both. The vault answers the real challenge first: https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses */
export async function startVault(): Promise<FakeVault> {
  const reads: string[] = [];
  const vault = {
    secrets: new Map<string, string>(),
    refusal: undefined as FakeVault['refusal'],
    resource: 'https://vault.azure.net',
    reads,
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://vault');
    const send = (status: number, value: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(value));
    };
    if (pathname === '/msi/token') {
      if (request.headers['x-identity-header'] !== header) return send(401, { statusCode: 401, message: 'no' });
      if (searchParams.get('client_id') === 'empty') return send(200, {});
      if (searchParams.get('client_id') !== 'id') return send(400, { statusCode: 400, message: 'no such identity' });
      const resource = searchParams.get('resource');
      return send(200, {
        access_token: resource?.includes('storage') === true ? storageToken() : token,
        expires_on: '4102444800',
        resource,
        token_type: 'Bearer',
        client_id: 'id',
      });
    }
    if (request.headers.authorization !== `Bearer ${token}`) {
      const challenge = `Bearer authorization="https://login.microsoftonline.com/tenant", resource="${vault.resource}"`;
      return send(401, { error: { code: 'Unauthorized' } }, { 'www-authenticate': challenge });
    }
    const name = /^\/secrets\/([^/]+)/.exec(pathname)?.[1] ?? '';
    reads.push(name);
    if (vault.refusal) {
      const { status, code, inner } = vault.refusal;
      return send(status, { error: { code, message: 'no', ...(inner && { innererror: { code: inner } }) } });
    }
    const value = vault.secrets.get(name);
    if (value === undefined) return send(404, { error: { code: 'SecretNotFound', message: 'no' } });
    send(200, { value, id: `${url}/secrets/${name}/1`, attributes: { enabled: true } });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const identity = { IDENTITY_ENDPOINT: `${url}/msi/token`, IDENTITY_HEADER: header, AZURE_CLIENT_ID: 'id' };
  return Object.assign(vault, { url, identity, close: () => shut(server) });
}

type HttpClient = NonNullable<SecretClientOptions['httpClient']>;
type HttpHeaders = Awaited<ReturnType<HttpClient['sendRequest']>>['headers'];

/**
 * Leads an SDK's requests for the real vault to the fake one, so that it needs none of the flags that make it careless.
 * `tokens` are those that it sent on the way.
 */
export function detour(vault: FakeVault): { httpClient: HttpClient; tokens: string[] } {
  const tokens: string[] = [];
  const sendRequest: HttpClient['sendRequest'] = async (request) => {
    const { pathname, search } = new URL(request.url);
    const authorization = request.headers.get('authorization');
    if (authorization !== undefined) tokens.push(authorization);
    const answer = await fetch(vault.url + pathname + search, { headers: request.headers.toJSON() });
    // Looked up in any case of letters, as the SDK does.
    const headers = Object.assign(new Headers(answer.headers), { toJSON: () => Object.fromEntries(answer.headers) });
    return { request, status: answer.status, headers: headers as HttpHeaders, bodyAsText: await answer.text() };
  };
  return { httpClient: { sendRequest }, tokens };
}

async function shut(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** A token for storage as Azurite's `--oauth basic` wants it: its claims are looked at, its signature is not. */
function storageToken(): string {
  const tenant = '00000000-0000-0000-0000-000000000000';
  const claims = {
    aud: 'https://storage.azure.com',
    oid: tenant,
    tid: tenant,
    iss: `https://sts.windows.net/${tenant}/`,
    nbf: 1_600_000_000,
    iat: 1_600_000_000,
    exp: 4_102_444_800,
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${Buffer.from('unsigned').toString('base64url')}`;
}
