import { connect, type Socket } from 'node:net';

/** What one exchange came to: the status of each answer in order, and whether the server ended the connection. */
export interface RawAnswer {
  readonly statuses: readonly number[];
  readonly text: string;
  readonly closed: boolean;
}

export interface RawClient {
  /** Sends the pieces, one turn of the event loop apart, and waits for one answer, or for the end of the connection. */
  send(...pieces: readonly (string | Uint8Array)[]): Promise<RawAnswer>;
  /** Sends the pieces and hangs up without waiting for an answer. */
  hangUp(...pieces: readonly (string | Uint8Array)[]): Promise<void>;
  close(): void;
}

/** Bytes over a socket, kept open as long as the server lets it be: what no HTTP library would send. */
export function rawClient(url: string): RawClient {
  const { hostname, port } = new URL(url);
  let socket: Socket | undefined;
  const open = (): Socket => {
    if (socket && !socket.destroyed && socket.writable) return socket;
    socket = connect(Number(port), hostname).setNoDelay(true);
    socket.on('error', () => undefined);
    return socket;
  };
  return {
    send: async (...pieces) => {
      const open_ = open();
      const answer = readAnswer(open_);
      await writeAll(open_, pieces);
      const given = await answer;
      if (given.closed) open_.destroy();
      return given;
    },
    hangUp: async (...pieces) => {
      const open_ = open();
      await writeAll(open_, pieces);
      const closed = new Promise<void>((resolve) => {
        open_.once('close', () => {
          resolve();
        });
      });
      open_.destroySoon();
      open_.resume();
      await closed;
      socket = undefined;
    },
    close: () => socket?.destroy(),
  };
}

async function writeAll(socket: Socket, pieces: readonly (string | Uint8Array)[]): Promise<void> {
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) await new Promise((resolve) => setImmediate(resolve));
    if (socket.writable) socket.write(piece);
  }
}

function readAnswer(socket: Socket): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = '';
    const finish = (closed: boolean): void => {
      socket.off('data', take).off('close', end).off('end', end);
      const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) =>
        Number(status),
      );
      resolve({ statuses, text, closed });
    };
    const take = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      if (isWhole(text) && !/^connection: close\r$/im.test(text)) finish(false);
    };
    const end = (): void => {
      finish(true);
    };
    socket.on('data', take).once('close', end).once('end', end);
  });
}

/** Whether the last answer is there to its end; `100 Continue` has none of its own. */
function isWhole(text: string): boolean {
  const start = text.lastIndexOf('HTTP/1.1 ');
  const answer = text.slice(start);
  const head = answer.indexOf('\r\n\r\n');
  if (head < 0 || answer.startsWith('HTTP/1.1 100')) return false;
  const [, length] = /\r\ncontent-length: (\d+)\r/i.exec(answer) ?? [];
  return length !== undefined && answer.length >= head + 4 + Number(length);
}
