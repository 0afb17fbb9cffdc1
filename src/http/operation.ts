import type { ZodType } from 'zod';
import type { ErrorReason } from '../errors.ts';

/** A body or an answer of one content type. */
export interface Media {
  readonly description: string;
  /** What it is, if it is JSON. Without this and `item` it is bytes. */
  readonly schema?: ZodType;
  /** What each part of it is, if it has parts: each line of NDJSON, each event of an event stream. */
  readonly item?: ZodType;
}

/** What the document says of an operation that the schemas of its route do not. */
export interface Operation {
  /** Why it refuses, if that depends on what is asked for. What can befall every operation is told once for all. */
  readonly reasons: readonly ErrorReason[];
  /** By content type; without them it takes JSON alone, if its route has a schema of a body. */
  readonly bodies?: Readonly<Record<string, Media>>;
  /** True if a request without a body is one, too. */
  readonly isBodyOptional?: boolean;
  /** Of 200, by content type, besides what the schema of the route says. */
  readonly answers?: Readonly<Record<string, Media>>;
  /** Answers without a body, by status. */
  readonly empty?: Readonly<Record<number, string>>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Without one the document has no errors of a route. */
    operation?: Operation;
  }
}
