import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';

/** Microsoft's emulator of Azure Blob Storage, running beside the test. */
export interface Azurite {
  /** of the development account, without a slash at its end */
  url: string;
  /** BACKUP_STORE of a container; the container is made by the store */
  container(name: string): string;
  close(): Promise<void>;
}

// Without its parent it would run for ever.
const endWithParent = 'data:text/javascript,process.on("disconnect",()=>process.exit())';

/**
 * Starts Azurite in a process of its own, on a free port of the loopback, with everything in memory.
 * @param tls paths of certificate and key: then it speaks https and takes the tokens of identities
 */
export async function startAzurite(tls?: { cert: string; key: string }): Promise<Azurite> {
  const main = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
  const flags = [
    '--blobHost',
    '127.0.0.1',
    '--blobPort',
    '0',
    '--inMemoryPersistence',
    '--silent',
    '--disableTelemetry',
  ];
  const secure = tls ? ['--oauth', 'basic', '--cert', tls.cert, '--key', tls.key] : [];
  const child = fork(main, [...flags, '--skipApiVersionCheck', ...secure], {
    execArgv: ['--import', endWithParent],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const url = `${await listening(child.stdout)}/devstoreaccount1`;
  return {
    url,
    container: (name) => `${url}/${name}`,
    close: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function listening(output: AsyncIterable<unknown> | null): Promise<string> {
  let text = '';
  for await (const chunk of output ?? []) {
    text += String(chunk);
    const address = /listens on (https?:\/\/\S+)/.exec(text)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`Azurite did not start: ${text}`);
}
