import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Answer, TestHttp } from './test-http.ts';

interface Media {
  readonly schema?: object;
  readonly 'x-item-schema'?: object;
}

export interface ResponseObject {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Readonly<Record<string, Media>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: object;
}

export interface OperationObject {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

/** An OpenAPI document, as far as it is looked at. */
export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

/** An operation, and where it is. */
export interface Operation extends OperationObject {
  readonly method: string;
  readonly path: string;
}

const PROBLEM = 'application/problem+json';

/** Holds answers to the OpenAPI document, and knows what of it no answer has met. */
export class HttpDocument {
  readonly api: OpenApi;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly #bundled: OpenApi;
  readonly #ajv: Ajv2020;
  readonly #validators = new Map<string, ValidateFunction>();
  readonly #met = new Set<string>();

  private constructor(api: OpenApi) {
    this.api = api;
    this.operations = new Map(
      Object.entries(api.paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, each]) => [
          each.operationId,
          { ...each, path, method: method.toUpperCase() },
        ]),
      ),
    );
    this.#ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
    addFormats.default(this.#ajv);
    for (const format of ['base64', 'hex']) this.#ajv.addFormat(format, true);
    this.#ajv.addKeyword('example');
    // Schemas with a name get a document of their own: the whole one is no schema.
    const text = JSON.stringify(api).replaceAll('#/components/schemas/', 'schemas#/$defs/');
    this.#bundled = JSON.parse(text);
    this.#ajv.addSchema({ $id: 'schemas', $defs: this.#bundled.components['schemas'] ?? {} });
  }

  static async of(http: TestHttp): Promise<HttpDocument> {
    const { body } = await http.get('/openapi.json');
    return new HttpDocument(body as OpenApi);
  }

  operation(operationId: string): Operation {
    const operation = this.operations.get(operationId);
    if (operation === undefined) throw new TypeError(`there is no operation ${operationId}`);
    return operation;
  }

  /** Throws unless the document says that the operation may answer so. */
  check(operationId: string, { status, type, body }: Answer): void {
    const { responses, path, method } = this.operation(operationId);
    const name = responses[`${status}`] === undefined ? 'default' : `${status}`;
    const pointer = `/paths/${escaped(path)}/${method.toLowerCase()}/responses/${name}`;
    const { response, at } = this.#resolve(responses[name], pointer);
    const mediaType = type.split(';')[0] ?? '';
    if (response.content === undefined) {
      if (type !== '' || body !== '') throw new Error(`${operationId} ${status} has a body`);
    } else if (response.content[mediaType] === undefined) {
      throw new Error(`${operationId} ${status}: content type ${type} is not documented`);
    } else {
      this.#checkBody(operationId, `${at}/content/${escaped(mediaType)}`, body);
    }
    this.#met.add(`${operationId} ${status} ${mediaType === PROBLEM ? reasonOf(body) : mediaType}`);
    if (mediaType === PROBLEM) this.#met.add(`fault ${reasonOf(body)}`);
  }

  /** Throws unless each part of a sequence is as the document says. */
  checkItems(operationId: string, mediaType: string, items: readonly unknown[]): void {
    const { path, method } = this.operation(operationId);
    const at = `/paths/${escaped(path)}/${method.toLowerCase()}/responses/200/content`;
    const pointer = `${at}/${escaped(mediaType)}/x-item-schema`;
    for (const item of items) this.#validate(operationId, pointer, item);
  }

  /** What the document says of answers, and no answer that was checked has met. */
  unmet(): string[] {
    const fault: ResponseObject | undefined = this.api.components['responses']?.['Fault'];
    const faults = reasonsIn(fault?.content?.[PROBLEM]?.schema);
    const wanted = [...this.operations.values()].flatMap(({ operationId, responses }) =>
      Object.entries(responses)
        .filter(([status]) => status !== 'default')
        .flatMap(([status, { content }]) => {
          if (content === undefined) return [`${operationId} ${status} `];
          return Object.entries(content).flatMap(([mediaType, { schema }]) =>
            mediaType === PROBLEM
              ? reasonsIn(schema)
                  // What can befall every operation need not befall each.
                  .filter((reason) => !faults.includes(reason))
                  .map((reason) => `${operationId} ${status} ${reason}`)
              : [`${operationId} ${status} ${mediaType}`],
          );
        }),
    );
    wanted.push(...faults.map((reason) => `fault ${reason}`));
    return wanted.filter((each) => !this.#met.has(each));
  }

  /** Throws unless this is a schema, and everything that it refers to is there. */
  compile(pointer: string): ValidateFunction {
    const known = this.#validators.get(pointer);
    if (known !== undefined) return known;
    const schema = partOf(this.#bundled, pointer);
    if (schema === undefined) throw new Error(`there is nothing at ${pointer}`);
    const validate = this.#ajv.compile(schema);
    this.#validators.set(pointer, validate);
    return validate;
  }

  #resolve(
    response: ResponseObject | undefined,
    pointer: string,
  ): { readonly response: ResponseObject; readonly at: string } {
    if (response === undefined) throw new Error(`${pointer} is not documented`);
    if (response.$ref === undefined) return { response, at: pointer };
    const name = response.$ref.split('/').at(-1) ?? '';
    const shared = this.api.components['responses']?.[name];
    if (shared === undefined) throw new Error(`${response.$ref} leads nowhere`);
    return { response: shared, at: `/components/responses/${name}` };
  }

  #checkBody(operationId: string, pointer: string, body: unknown): void {
    this.#validate(operationId, `${pointer}/schema`, body);
  }

  #validate(operationId: string, pointer: string, value: unknown): void {
    const validate = this.compile(pointer);
    if (validate(value)) return;
    const text = this.#ajv.errorsText(validate.errors);
    throw new Error(`${operationId}: ${text}: ${JSON.stringify(value).slice(0, 1000)}`);
  }
}

/** As a part of a JSON pointer. */
export function escaped(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** What a JSON pointer leads to. */
function partOf(document: object, pointer: string): object | undefined {
  let part: object | undefined = document;
  for (const name of pointer.split('/').slice(1)) {
    const inner: unknown = Object.entries(part).find(([each]) => escaped(each) === name)?.[1];
    if (typeof inner !== 'object' || inner === null) return undefined;
    part = inner;
  }
  return part;
}

function reasonOf(problem: unknown): string {
  if (typeof problem !== 'object' || problem === null || !('reason' in problem)) return '';
  return String(problem.reason);
}

/** The reasons that a schema of a problem lists. */
function reasonsIn(schema: object | undefined): string[] {
  const text = JSON.stringify(schema ?? {});
  const [, list = '[]'] = /"reason":\{"type":"string","enum":(\[[^\]]*\])/.exec(text) ?? [];
  return JSON.parse(list) as string[];
}
