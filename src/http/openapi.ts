import { globalRegistry, type ZodType } from 'zod';
import type { ErrorReason } from '../errors.ts';
import type { Media, Operation } from './operation.ts';
import { FAULTS, HTTP_STATUS, PROBLEM_TYPE, retryAfterSeconds } from './problem.ts';

/** An operation, and where it is. */
export interface RouteOperation extends Operation {
  /** As routes have it: `/v1/topics/:topic`. */
  readonly path: string;
  /** In lower case. */
  readonly method: string;
}

/** The parts of the document that are completed here. */
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { schemas: Record<string, object>; responses?: Record<string, object> };
}

interface OperationObject {
  requestBody?: { required: boolean; content: Record<string, object> };
  readonly responses: Record<string, object>;
}

const DESCRIPTION = `A log broker with rewindable channels.

Nanoseconds are texts of decimal digits, since a JSON number cannot hold them. The name of a topic is percent-encoded in a path: \`orders%2Feu\`. Bytes are a text, or base64 under a name with \`_base64\` where they are no UTF-8. Errors are \`application/problem+json\` with a \`reason\`, which is that of gRPC. HEAD is answered where GET is, and OPTIONS everywhere.`;

/** What the document says besides the routes. */
export function describe(version: string) {
  return {
    openapi: '3.1.0',
    info: { title: 'playhead', version, description: DESCRIPTION },
    tags: [
      { name: 'broker', description: 'Health and limits' },
      { name: 'topics', description: 'Topics and channels' },
      { name: 'messages', description: 'Publish and read' },
      { name: 'subscriptions', description: 'Durable subscriptions' },
      { name: 'deliveries', description: 'Pull and settle' },
      { name: 'schedules', description: 'Messages that are published later' },
    ],
  };
}

/**
 * The document with what schemas of routes cannot say: bodies and answers that are not JSON, and errors. What is a
 * sequence has the schema of its parts as `x-item-schema`, which OpenAPI 3.2 calls `itemSchema`.
 */
export function completeDocument(plain: object, operations: readonly RouteOperation[]): object {
  const document: Document = JSON.parse(JSON.stringify(plain));
  document.components.responses = { Fault: problemResponse(FAULTS) };
  for (const operation of operations) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
    const described = document.paths[path]?.[operation.method];
    if (described !== undefined) complete(described, operation);
  }
  dropUnused(document);
  return document;
}

function complete(described: OperationObject, operation: Operation): void {
  const { responses } = described;
  if (operation.bodies !== undefined) {
    described.requestBody = { required: true, content: mediaObjects(operation.bodies, 'input') };
  }
  if (operation.isBodyOptional === true && described.requestBody !== undefined) {
    described.requestBody.required = false;
  }
  if (operation.answers !== undefined) {
    const content = {
      ...contentOf(responses['200']),
      ...mediaObjects(operation.answers, 'output'),
    };
    responses['200'] = { description: 'What was asked for.', content };
  }
  for (const [status, description] of Object.entries(operation.empty ?? {})) {
    responses[status] = { description };
  }
  for (const [status, reasons] of refusalsOf(operation, described.requestBody !== undefined)) {
    responses[status] = problemResponse([...reasons], status);
  }
  responses['default'] = { $ref: '#/components/responses/Fault' };
}

function contentOf(response: object | undefined): object {
  if (response === undefined || !('content' in response)) return {};
  return typeof response.content === 'object' ? { ...response.content } : {};
}

/** By status, with what the broker refuses before a route is asked. */
function refusalsOf(
  { reasons }: Operation,
  hasBody: boolean,
): ReadonlyMap<number, ReadonlySet<ErrorReason>> {
  const all: (readonly [number, ErrorReason])[] = [
    ...reasons.map((reason) => [HTTP_STATUS[reason], reason] as const),
    [403, 'INVALID_ARGUMENT'],
  ];
  if (hasBody)
    all.push([HTTP_STATUS.REQUEST_TOO_LARGE, 'REQUEST_TOO_LARGE'], [415, 'INVALID_ARGUMENT']);
  const byStatus = new Map<number, Set<ErrorReason>>();
  for (const [status, reason] of all) {
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(reason));
  }
  // A status that is documented is not that of `default`: what befalls every operation is among its reasons, too.
  for (const fault of FAULTS) byStatus.get(HTTP_STATUS[fault])?.add(fault);
  return byStatus;
}

/** Of errors; `status` if it is always the same. */
function problemResponse(reasons: readonly ErrorReason[], status?: number): object {
  const isWorthRetrying = reasons.some((reason) => retryAfterSeconds(reason) !== undefined);
  const properties = {
    ...(status !== undefined && { status: { type: 'integer', enum: [status] } }),
    reason: { type: 'string', enum: reasons },
  };
  const allOf = [{ $ref: '#/components/schemas/Problem' }, { type: 'object', properties }];
  return {
    description: reasons.join(', '),
    content: { [PROBLEM_TYPE]: { schema: { allOf } } },
    ...(isWorthRetrying && {
      headers: {
        'Retry-After': {
          description: 'Seconds after which the same request may succeed, if it may.',
          schema: { type: 'string', pattern: '^\\d+$' },
        },
      },
    }),
  };
}

function mediaObjects(
  media: Readonly<Record<string, Media>>,
  io: 'input' | 'output',
): Record<string, object> {
  return Object.fromEntries(
    Object.entries(media).map(([type, { description, schema, item }]) => {
      if (schema !== undefined) return [type, { schema: referenceTo(schema, io) }];
      if (item === undefined) {
        return [type, { schema: { type: 'string', format: 'binary', description } }];
      }
      return [
        type,
        { schema: { type: 'string', description }, 'x-item-schema': referenceTo(item, io) },
      ];
    }),
  );
}

/** To a schema that has a name. */
function referenceTo(schema: ZodType, io: 'input' | 'output'): object {
  const id = globalRegistry.get(schema)?.id;
  if (id === undefined) throw new TypeError('a schema of the document has no name');
  return { $ref: `#/components/schemas/${id}${io === 'input' ? 'Input' : ''}` };
}

/** Each schema with a name is there twice, as it is sent and as it is answered; few are both. */
function dropUnused(document: Document): void {
  const { schemas } = document.components;
  const used = new Set<string>();
  const follow = (part: object) => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      const schema = schemas[name];
      if (schema === undefined || used.has(name)) continue;
      used.add(name);
      follow(schema);
    }
  };
  follow(document.paths);
  follow(document.components.responses ?? {});
  document.components.schemas = Object.fromEntries(
    Object.entries(schemas).flatMap(([name, schema]) =>
      used.has(name) ? [[name, withoutAddress(schema)]] : [],
    ),
  );
}

/** A schema is found by its name: an address of its own must not have a fragment, and the dialect is that of all. */
function withoutAddress(schema: object): object {
  const { $id: _id, $schema: _dialect, ...rest } = { $id: '', $schema: '', ...schema };
  return rest;
}
