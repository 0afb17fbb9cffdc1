import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type {
  handleBidiStreamingCall,
  MethodDefinition,
  Server,
  ServiceDefinition,
  UntypedHandleCall,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import type * as reflectionLibrary from '@grpc/reflection';
import { WireReader } from '../log/wire-reader.ts';

export const HEALTH_SERVICE = 'grpc.health.v1.Health';

const VERSIONS = ['grpc.reflection.v1', 'grpc.reflection.v1alpha'];
const METHOD = 'ServerReflectionInfo';
const require = createRequire(import.meta.url);

type Handler = handleBidiStreamingCall<unknown, unknown>;
type Method = MethodDefinition<unknown, unknown>;

/** One version of the reflection service, as the library makes it. */
interface Loaded {
  readonly definition: Method;
  readonly handle: Handler;
}

/**
 * Adds reflection of these services, from the compiled schema, so that no .proto file is needed, not even here. It is
 * loaded at its first call: with it come ten megabytes that few brokers need.
 */
export function addReflection(server: Pick<Server, 'addService'>, services: string[]): void {
  let loaded: ReadonlyMap<string, Loaded> | undefined;
  const load = (path: string): Loaded => {
    loaded ??= loadReflection(services);
    const version = loaded.get(path);
    if (version === undefined) throw new TypeError(`reflection has no ${path}`);
    return version;
  };
  for (const version of VERSIONS) {
    const path = `/${version}.ServerReflection/${METHOD}`;
    const method: Method = {
      path,
      requestStream: true,
      responseStream: true,
      requestSerialize: (request) => load(path).definition.requestSerialize(request),
      requestDeserialize: (bytes) => load(path).definition.requestDeserialize(bytes),
      responseSerialize: (response) => load(path).definition.responseSerialize(response),
      responseDeserialize: (bytes) => load(path).definition.responseDeserialize(bytes),
    };
    const handle: Handler = (call) => load(path).handle(call);
    server.addService({ [METHOD]: method }, { [METHOD]: handle });
  }
}

/** The versions of the reflection service by path. */
function loadReflection(services: string[]): Map<string, Loaded> {
  const library: typeof reflectionLibrary = require('@grpc/reflection');
  const reflection = new library.ReflectionService(schemaOf(), { services });
  const versions = new Map<string, Loaded>();
  reflection.addToServer({
    addService(service: ServiceDefinition, implementation: UntypedServiceImplementation) {
      const definition: Method | undefined = service[METHOD];
      const handle = implementation[METHOD];
      if (definition === undefined || !isBidi(definition, handle)) return;
      versions.set(definition.path, { definition, handle });
    },
  });
  return versions;
}

function isBidi(method: Method, handle: UntypedHandleCall | undefined): handle is Handler {
  return method.requestStream && method.responseStream && handle !== undefined;
}

function schemaOf(): PackageDefinition {
  const image = require.resolve('playhead-proto/image.binpb');
  const fileDescriptorProtos = filesOf(readFileSync(image));
  return {
    playhead: {
      format: 'Protocol Buffer 3 DescriptorProto',
      type: {},
      fileDescriptorProtos,
      serialize: onlyDescribed,
      deserialize: onlyDescribed,
    },
  };
}

/**
 * The files of a compiled schema, each as it was compiled: `repeated FileDescriptorProto file = 1`. Decoded and encoded
 * again by protobufjs they would not be the same; it marks messages that hold a map as map entries.
 */
function filesOf(image: Buffer): Buffer[] {
  const files: Buffer[] = [];
  const reader = new WireReader(image);
  while (reader.at < image.length) {
    const { field, wireType } = reader.field(() => undefined);
    const at = reader.at;
    reader.skip(wireType);
    if (field !== 1) continue;
    const file = new WireReader(image, at, reader.at);
    const end = file.delimited();
    files.push(image.subarray(file.at, end));
  }
  return files;
}

/** Reflection takes a definition of messages; of this one only the files are used. */
function onlyDescribed(): never {
  throw new TypeError('the schema is described, and not used to encode');
}
