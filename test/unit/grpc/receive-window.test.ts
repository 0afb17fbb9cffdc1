import { once } from 'node:events';
import { connect } from 'node:http2';
import { Server } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { widenReceiveWindow } from '../../../src/grpc/receive-window.ts';
import { RECEIVE_WINDOW_BYTES } from '../../../src/limits.ts';
import { TestServer } from '../../support/test-server.ts';

describe('widenReceiveWindow', () => {
  it('gives each connection and each of its streams the window of the limits', async () => {
    await using server = await TestServer.start();
    const session = connect(`http://${server.address}`);
    await once(session, 'remoteSettings');
    expect(session.remoteSettings.initialWindowSize).toBe(RECEIVE_WINDOW_BYTES);
    await expect.poll(() => session.state.remoteWindowSize).toBe(RECEIVE_WINDOW_BYTES);
    session.destroy();
  });

  it('knows a server that it cannot change, and leaves it alone', () => {
    const server = new Server();
    Reflect.set(server, '_sessionHandler', undefined);
    expect(widenReceiveWindow(server, 1)).toBe(false);
  });
});
