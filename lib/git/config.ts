/** Settings of [core] that git reads as yes or no: another word ends every command of git. */
const booleans = ['bare', 'filemode', 'ignorecase', 'logallrefupdates', 'precomposeunicode', 'symlinks'];
const isBoolean = (value: string) => /^(true|yes|on|1|false|no|off|0|always|)$/i.test(value);

/**
 * Does this `config` say, in words that git understands, that the repository has no working tree?
 * https://git-scm.com/docs/git-config#_syntax
 */
export function isBare(text: string): boolean {
  const core = readCore(text);
  if (core === undefined || !['0', '1', undefined].includes(core.get('repositoryformatversion'))) return false;
  if (booleans.some((name) => !isBoolean(core.get(name) ?? ''))) return false;
  return /^(true|yes|on|1)$/i.test(core.get('bare') ?? '');
}

/** What [core] says; undefined when a line is none of a config. */
function readCore(text: string): Map<string, string> | undefined {
  const core = new Map<string, string>();
  let section: string | undefined;
  for (const line of text.replace(/\\\n/g, '').split('\n')) {
    const bare = line.trim();
    if (bare === '' || /^[#;]/.test(bare)) continue;
    const head = /^\[([A-Za-z0-9.-]+)(?:\s+"(?:[^"\\]|\\.)*")?\]$/.exec(bare);
    const entry = /^([A-Za-z][A-Za-z0-9-]*)(?:\s*=\s*(.*))?$/.exec(bare);
    if (head?.[1] !== undefined) section = head[1].toLowerCase();
    else if (entry?.[1] === undefined || section === undefined || !hasEvenQuotes(entry[2] ?? '')) return undefined;
    else if (section === 'core') core.set(entry[1].toLowerCase(), (entry[2] ?? 'true').replace(/\s*[#;].*$/, ''));
  }
  return core;
}

function hasEvenQuotes(value: string): boolean {
  return (value.replace(/\\./g, '').match(/"/g) ?? []).length % 2 === 0;
}
