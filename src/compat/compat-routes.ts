import type { HttpRoutes } from '../http/context.ts';
import { blockqueueRoutes } from './blockqueue-routes.ts';
import { gophermqRoutes } from './gophermq-routes.ts';
import type { GophermqSettings } from './gophermq-settings.ts';

/** What programs that were written for other brokers ask for, each by the paths of its own. */
export function compatRoutes(gophermq: GophermqSettings): HttpRoutes[] {
  return [(app, context) => gophermqRoutes(app, context, gophermq), blockqueueRoutes];
}
