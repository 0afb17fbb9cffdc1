import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { WireReader } from '../log/wire-reader.ts';

export const HEALTH_SERVICE = 'grpc.health.v1.Health';

/** Reflection of these services from the compiled schema, so that no .proto file is needed, not even here. */
export function reflection(services: string[]): ReflectionService {
  const image = createRequire(import.meta.url).resolve('playhead-proto/image.binpb');
  const fileDescriptorProtos = filesOf(readFileSync(image));
  const schema: PackageDefinition = {
    playhead: {
      format: 'Protocol Buffer 3 DescriptorProto',
      type: {},
      fileDescriptorProtos,
      serialize: onlyDescribed,
      deserialize: onlyDescribed,
    },
  };
  return new ReflectionService(schema, { services });
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
