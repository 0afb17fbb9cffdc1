import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { LIST_PAGE_DEFAULT, LIST_PAGE_MAX } from '../limits.ts';
import type { Activity } from '../log/activity.ts';
import type { Log } from '../log/log.ts';
import type { LevelControl, Logger } from '../logger.ts';
import type { Observer } from '../observer.ts';
import type { Schedules } from '../subscription/schedules.ts';
import type { Subscriptions } from '../subscription/subscriptions.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { OpenReaders } from './open-readers.ts';
import { wholeNumber } from './params.ts';

/** What the routes work with. */
export interface HttpContext {
  readonly log: Log;
  readonly subscriptions: Subscriptions;
  readonly schedules: Schedules;
  readonly options: HttpOptions;
  readonly readers: OpenReaders;
  /** Pages that were made and not yet taken. */
  readonly pages: ByteBudget;
  /** Figures as text; undefined if they are not kept. */
  readonly metrics?: FiguresText | undefined;
  /** Loads routes that stand beside the API, with it. */
  readonly loadOthers?: (() => Promise<readonly HttpRoutes[]>) | undefined;
}

/** Adds routes. Those of another room are behind the same guard and the same limits, and no part of the document. */
export type HttpRoutes = (app: App, context: HttpContext) => void | Promise<void>;

/** All figures, as a scraper reads them. */
export interface FiguresText {
  readonly contentType: string;
  text(): Promise<string>;
}

/** What the server tells of itself and holds its clients to. */
export interface HttpOptions {
  readonly version: string;
  /** When a publish is acknowledged. */
  readonly durability: 'fsync' | 'os' | 'memory';
  readonly maxMessageBytes: number;
  readonly maxRequestBytes: number;
  readonly logger: Logger;
  readonly observer?: Observer | undefined;
  /** Where it is noted what administrators do. */
  readonly activity?: Activity | undefined;
  /** What is logged; undefined if that cannot be changed. */
  readonly logLevel?: LevelControl | undefined;
  /** Names that are served besides localhost and IP addresses. */
  readonly hosts?: readonly string[];
}

export type { FastifyReply as Reply, FastifyRequest as Request } from 'fastify';

/** A server whose routes are typed by their schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Of a topic whose name, or glob, is percent-encoded: `orders%2Feu`. */
export const topicParams = z.object({
  topic: z.string().describe('Name, or glob where it is read, percent-encoded: `orders%2Feu`.'),
});

export const pageQuery = z.strictObject({
  glob: z
    .string()
    .optional()
    .describe('Of topics: `*` stands for one token, `**` for any number. Without it: all.'),
  page_size: wholeNumber(0, LIST_PAGE_MAX)
    .optional()
    .describe(`Most of a page; ${LIST_PAGE_DEFAULT} if it is 0 or not set.`),
  page_token: z.string().optional().describe('The `next_page_token` of the page before.'),
});
