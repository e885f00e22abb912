/**
 * Sign-ins that stand before a portal and are meant for people: the web server asks for one before the portal hears anything, so no
 * account, app or key of the portal gets through.
 * https://enterprise.arcgis.com/en/portal/latest/administer/windows/about-configuring-portal-authentication.htm
 */

/** How people get in there: by Windows (IWA), by a certificate of their own (PKI), on the page of an identity provider. */
type FrontDoor = 'windows' | 'certificate' | 'page';

const says: Record<FrontDoor, string> = {
  windows: 'before the portal stands a sign-in of Windows (IWA)',
  certificate: 'before the portal stands a sign-in by certificate (PKI)',
  page: 'before the portal stands the sign-in of an identity provider',
};

/** The end of a sentence about it. */
export function frontDoorText(door: FrontDoor): string {
  return says[door];
}

/** The way out is the same for all. */
export const frontDoorHint =
  'A program cannot pass it. Set ARCGIS_PORTAL_URL to an address of the portal that does not ask so, such as a second web adaptor without web-tier authentication or, inside the network, https://MACHINE:7443/arcgis, and use a built-in account there; in NODE_EXTRA_CA_CERTS may be needed what signed its certificate.';

/**
 * Is an answer that of a web server which asks for such a sign-in? Windows: RFC 4559; certificates: IIS names 403.7 and its relatives,
 * nginx says it with 400.
 * @param text of the answer
 */
export function frontDoorOf(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  text: string,
): FrontDoor | undefined {
  const challenge = headers.get('www-authenticate') ?? '';
  if (status === 401 && /\b(?:negotiate|ntlm|kerberos)\b/i.test(challenge)) return 'windows';
  if (
    (status === 400 || status === 403) &&
    /client certificate|SSL certificate was sent|\b403\.(?:7|13|16|17)\b/i.test(text)
  )
    return 'certificate';
  return undefined;
}

/**
 * Does what a connection failed of say that the server wants a certificate of who connects? In TLS 1.2 it says so by a handshake that fails,
 * in 1.3 by an alert of its own, or by nothing but the end. https://www.rfc-editor.org/rfc/rfc8446#section-6.2
 */
export function wantsCertificate(code: string): boolean {
  return /^ERR_SSL_.*(?:CERTIFICATE_REQUIRED|ALERT_HANDSHAKE_FAILURE|ALERT_(?:BAD|NO)_CERTIFICATE)$/.test(code);
}

/** Does a redirect lead to where people sign in? */
export function isSignInPage({ host, pathname, search }: URL): boolean {
  const address = `${host}${pathname}`;
  return /saml|adfs|openid|oauth|\/idp\b|\bsso\b|log-?in|sign-?in/i.test(address) || /[?&]SAMLRequest=/.test(search);
}
