import { createRequire } from 'node:module';

interface Protobuf {
  readonly util: { Long: unknown };
  configure(): void;
}

/**
 * Makes sure that @grpc/proto-loader has the class that it needs to keep every digit of an int64. The test runner
 * starts Node with the condition `import`, under which protobufjs finds a module of `long` that it does not
 * understand, and rounds in silence.
 */
export function keepEveryDigit(): void {
  const requireFromLoader = createRequire(
    createRequire(import.meta.url).resolve('@grpc/proto-loader'),
  );
  const protobuf: Protobuf = requireFromLoader('protobufjs');
  if (protobuf.util.Long !== null) return;
  const long: { readonly default?: unknown } = requireFromLoader('long');
  protobuf.util.Long = long.default ?? long;
  protobuf.configure();
}
