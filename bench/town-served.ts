import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inFolder, serve } from './process.ts';
import { townDeclarations, type TownFile, type TownSize } from './town.ts';

/** A town on a socket, its declarations in a folder, and its call log. */
export interface Served {
  readonly endpoint: string;
  readonly folder: string;
  readonly declarations: string;
  readonly env: Readonly<Record<string, string>>;
  readonly calls: () => Promise<readonly { readonly operation: string }[]>;
  readonly forget: () => Promise<void>;
}

/** Runs something against a town of that size. */
export function withTown<T>(size: TownSize, use: (served: Served) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const declarations = join(folder, 'declarations');
    await writeFiles(declarations, townDeclarations(size));
    const server = await serve<{ endpoint: string }>(
      'serve-town.ts',
      [String(size.targets), String(size.foreign), folder],
      ['--max-old-space-size=8000'],
    );
    const { endpoint } = server.ready;
    try {
      return await use({
        endpoint,
        folder,
        declarations,
        env: {
          FAIRLEAD_CONNECTIONS: join(folder, 'connections.yaml'),
          XDG_STATE_HOME: join(folder, 'state'),
        },
        calls: async () => {
          const response = await fetch(`${endpoint}/console/calls`);
          return (await response.json()) as readonly { readonly operation: string }[];
        },
        forget: async () => {
          await fetch(`${endpoint}/console/reset-calls`, { method: 'POST', body: '{}' });
        },
      });
    } finally {
      await server.stop();
    }
  });
}

export async function writeFiles(folder: string, files: readonly TownFile[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name, text } of files) await writeFile(join(folder, name), text);
}
