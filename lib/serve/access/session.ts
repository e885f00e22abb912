import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../secret.ts';
import type { Keys, Role } from './keys.ts';

/** Name of the page's cookie: browsers take it from this very host alone, over TLS, for all of it. */
export const cookieName = '__Host-archive';

/** How long one stays signed in. */
const hours = 8;
const longest = 200;

/** Somebody who signed in to the page. */
export interface Session {
  role: Exclude<Role, 'none'>;
  /** what a form of the page must send with everything that changes something */
  csrf: string;
  /** signed in with Microsoft Entra, and not by a key */
  byMicrosoft?: boolean;
}

/** Set-Cookie of a fresh session: `role.expiry.nonce.signature`. `nonce`: random, base64url, another for each. */
export function signIn(keys: Keys, role: Session['role'], now: number, nonce: string): string {
  const key = keys[role];
  if (key === undefined) throw new TypeError(`no key is set for ${role}`);
  const content = `${role}.${now + hours * 3_600_000}.${nonce}`;
  return setCookie(`${content}.${sign(key, 'session', content)}`, hours * 3600);
}

/** Set-Cookie that ends a session in its browser. */
export function signOut(): string {
  return setCookie('', 0);
}

/**
 * The session of a Cookie header; undefined without one, and of one that has expired, was altered, or was signed while
 * another key was set: changing a key ends its sessions. `now`: epoch ms.
 */
export function readSession(keys: Keys, cookies: string | undefined, now: number): Session | undefined {
  const value = cookieOf(cookies ?? '');
  const parsed = /^(reader|operator)\.(\d{1,15})\.([\w-]{16,64})\.([\w-]{43})$/.exec(value);
  if (parsed === null) return undefined;
  const [, role = '', expiry = '', nonce = '', signature = ''] = parsed;
  const key = role === 'operator' ? keys.operator : keys.reader;
  if (key === undefined || Number(expiry) <= now) return undefined;
  const content = `${role}.${expiry}.${nonce}`;
  if (!isEqual(signature, sign(key, 'session', content))) return undefined;
  return { role: role === 'operator' ? 'operator' : 'reader', csrf: sign(key, 'csrf', content) };
}

/** Is this the token of the session's own forms? */
export function isToken(session: Session, presented: string): boolean {
  return isEqual(session.csrf, presented);
}

function cookieOf(header: string): string {
  const pairs = header.split(';').map((pair) => pair.trim());
  const value = pairs.find((pair) => pair.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1) ?? '';
  return value.length > longest ? '' : value;
}

function setCookie(value: string, seconds: number): string {
  return `${cookieName}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; Secure; SameSite=Strict`;
}

/** One derived key for each purpose, so that a token of one never serves for the other. */
function sign(key: Secret, purpose: 'session' | 'csrf', content: string): string {
  const derived = Buffer.from(hkdfSync('sha256', key.reveal(), '', `ago-backup ${purpose}`, 32));
  return createHmac('sha256', derived).update(content).digest('base64url');
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
