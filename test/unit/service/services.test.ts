import {
  BrokerServiceService,
  ScheduleServiceService,
  SubscriptionServiceService,
  TopicServiceService,
} from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/logger.ts';
import { services } from '../../../src/service/services.ts';
import { Streams } from '../../../src/service/streams.ts';
import { TestServer } from '../../support/test-server.ts';

describe('services', () => {
  it('serve every method of the schema, each as a call of its kind', async () => {
    await using server = await TestServer.start();
    const methods = services(server.served, new Streams(), {
      version: '1.2.3',
      durability: 'fsync',
      maxMessageBytes: 1024,
      maxRequestBytes: 2048,
      logger: silentLogger,
    });
    const schema = [
      BrokerServiceService,
      TopicServiceService,
      SubscriptionServiceService,
      ScheduleServiceService,
    ].flatMap((service) => Object.values(service));
    const kindOf = ({ requestStream, responseStream }: (typeof schema)[number]) => {
      if (requestStream) return 'duplex';
      return responseStream ? 'read' : 'unary';
    };
    const expected = schema.map((method) => `${kindOf(method)} ${method.path}`);
    expect(methods.map(({ kind, path }) => `${kind} ${path}`).sort()).toEqual(expected.sort());
  });
});
