import type { DuplexHandler, ReadHandler, ServiceMethod, UnaryHandler } from './call.ts';

/** A service of playhead-proto, as far as its methods are called. */
interface Service {
  readonly [name: string]: {
    readonly path: string;
    readonly requestStream: boolean;
    readonly responseStream: boolean;
  };
}

/** A handler for each method of a service, of the kind that the schema says. */
export type Handlers<S extends Service> = {
  readonly [Name in keyof S]: S[Name] extends { requestStream: true }
    ? { readonly kind: 'duplex'; readonly handle: DuplexHandler }
    : S[Name] extends { responseStream: true }
      ? { readonly kind: 'read'; readonly handle: ReadHandler }
      : { readonly kind: 'unary'; readonly handle: UnaryHandler };
};

type AnyHandler =
  | { readonly kind: 'duplex'; readonly handle: DuplexHandler }
  | { readonly kind: 'read'; readonly handle: ReadHandler }
  | { readonly kind: 'unary'; readonly handle: UnaryHandler };

/** The methods of a service, ready to be called. */
export function methodsOf<S extends Service>(
  service: S,
  handlers: Handlers<S>,
): readonly ServiceMethod[] {
  const byName: Readonly<Record<string, AnyHandler>> = handlers;
  return Object.entries(byName).flatMap(([name, handler]) => {
    const path = service[name]?.path;
    return path === undefined ? [] : [{ ...handler, path }];
  });
}
