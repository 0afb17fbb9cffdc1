import type { Duplex } from 'node:stream';
import { BrokerError } from '../errors.ts';
import { PROBLEM_TYPE, toProblem } from './problem.ts';

const BROKEN: Readonly<Record<string, readonly [string, string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the head is too long'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [
    '413 Payload Too Large',
    'the extensions of a chunk are too long',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request did not come in time'],
};

/** Answers what is no request that can be understood, and hangs up. */
export function answerBrokenRequest(
  cause: Error & { readonly code?: string },
  socket: Duplex,
): void {
  // Into an answer that has begun nothing else may go; who has said nothing, as browsers that connect ahead, is told nothing.
  if (!socket.writable || isAnswering(socket) || isSilent(socket)) {
    socket.destroy();
    return;
  }
  const [statusLine, message] = BROKEN[cause.code ?? ''] ?? [
    '400 Bad Request',
    'is no HTTP request',
  ];
  const error = new BrokerError('INVALID_ARGUMENT', message);
  const body = JSON.stringify(toProblem(error, Number.parseInt(statusLine, 10)));
  const head = [
    `HTTP/1.1 ${statusLine}`,
    'Connection: close',
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function isSilent(socket: Duplex): boolean {
  return 'bytesRead' in socket && socket.bytesRead === 0;
}

/** Node keeps the answer that is under way at the socket. */
function isAnswering(socket: Duplex): boolean {
  const answer: unknown = '_httpMessage' in socket ? socket._httpMessage : undefined;
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'headersSent' in answer &&
    answer.headersSent === true
  );
}
