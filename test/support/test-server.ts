import { credentials } from '@grpc/grpc-js';
import type { OtherServices } from '../../src/grpc/server.ts';
import { GrpcServer } from '../../src/grpc/server.ts';
import { REQUEST_BYTES_DEFAULT } from '../../src/limits.ts';
import { silentLogger } from '../../src/logger.ts';
import type { Served } from '../../src/service/services.ts';
import { Schedules } from '../../src/subscription/schedules.ts';
import { Subscriptions } from '../../src/subscription/subscriptions.ts';
import {
  BrokerServiceClient,
  ScheduleServiceClient,
  SubscriptionServiceClient,
  TopicServiceClient,
} from './grpc-services.ts';
import { TestLog } from './test-log.ts';

/** The gRPC service of a log in memory, with the generated clients. */
export class TestServer implements AsyncDisposable {
  readonly test: TestLog;
  readonly served: Served;
  readonly server: GrpcServer;
  readonly address: string;
  readonly broker: BrokerServiceClient;
  readonly topics: TopicServiceClient;
  readonly subscriptions: SubscriptionServiceClient;
  readonly schedules: ScheduleServiceClient;

  private constructor(test: TestLog, served: Served, server: GrpcServer, address: string) {
    this.test = test;
    this.served = served;
    this.server = server;
    this.address = address;
    const options = { 'grpc.use_local_subchannel_pool': 1 };
    this.broker = new BrokerServiceClient(address, credentials.createInsecure(), options);
    this.topics = new TopicServiceClient(address, credentials.createInsecure(), options);
    this.schedules = new ScheduleServiceClient(address, credentials.createInsecure(), options);
    this.subscriptions = new SubscriptionServiceClient(
      address,
      credentials.createInsecure(),
      options,
    );
  }

  static async start(others?: OtherServices): Promise<TestServer> {
    const test = await TestLog.open();
    const subscriptions = await Subscriptions.open(test.log, { logger: silentLogger });
    const schedules = Schedules.open(test.log, silentLogger);
    const served = { log: test.log, subscriptions, schedules };
    const options = {
      version: '1.2.3',
      durability: 'fsync' as const,
      maxMessageBytes: 1024 * 1024,
      maxRequestBytes: REQUEST_BYTES_DEFAULT,
      logger: silentLogger,
    };
    const server = new GrpcServer(served, options, others);
    return new TestServer(test, served, server, await server.listen('127.0.0.1:0'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.broker.close();
    this.topics.close();
    this.subscriptions.close();
    this.schedules.close();
    await this.server.close();
    await this.served.schedules.close();
    await this.test[Symbol.asyncDispose]();
  }
}
