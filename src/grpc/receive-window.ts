import type { Server } from '@grpc/grpc-js';

/**
 * Lets clients of this server send so many bytes ahead, on a connection and on each of its streams. grpc-js leaves
 * HTTP/2's 64 KiB, with which a publisher 10 ms away gets 3.5 MB/s, and has no option for it
 * (https://github.com/grpc/grpc-node/pull/3058), so this reaches for what its `Server` hands to Node's http2. Must be
 * called before the server listens. False, and nothing changed, if this grpc-js is made differently; a test tells.
 */
export function widenReceiveWindow(server: Server, bytes: number): boolean {
  const options: unknown = Reflect.get(server, 'commonServerOptions');
  const handlerOf: unknown = Reflect.get(server, '_sessionHandler');
  if (typeof options !== 'object' || options === null || typeof handlerOf !== 'function') {
    return false;
  }
  // Of each stream: told to clients in the settings frame.
  const settings: unknown = Reflect.get(options, 'settings');
  Reflect.set(options, 'settings', { ...Object(settings), initialWindowSize: bytes });
  // Of the connection: HTTP/2 knows no setting for it, only a window update.
  Reflect.set(server, '_sessionHandler', (http2Server: unknown): SessionHandler => {
    const handle: SessionHandler = Reflect.apply(handlerOf, server, [http2Server]);
    return (session) => {
      session.setLocalWindowSize(bytes);
      handle(session);
    };
  });
  return true;
}

type SessionHandler = (session: { setLocalWindowSize(bytes: number): void }) => void;
