/** Who looks at the page. */
export interface Visitor {
  /** an operator may also start and end backups and restores */
  role: 'reader' | 'operator';
  /** what the page's own forms send with everything that changes something */
  token: string;
  /** by what; false where nobody needs to: on the loopback address of a laptop */
  signedIn: false | 'key' | 'microsoft';
}
