import type { FastifyRequest } from 'fastify';
import type { Caller } from '../log/activity.ts';

const AGENT_LENGTH = 200;

export function callerOf({ socket, headers }: Pick<FastifyRequest, 'socket' | 'headers'>): Caller {
  const { remoteAddress = '', remotePort = 0 } = socket;
  const agent = (headers['user-agent'] ?? '').slice(0, AGENT_LENGTH);
  return { protocol: 'http', address: `${remoteAddress}:${remotePort}`, agent };
}
