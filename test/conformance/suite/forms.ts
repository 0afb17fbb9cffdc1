import { connect } from 'playhead-client';
import type { Ability } from './case.ts';
import { ABILITIES } from './case.ts';
import { HttpDriver } from './http/http-driver.ts';
import type { Language } from './language.ts';
import { NodeDriver } from './node/node-driver.ts';
import { ProcessDriver } from './process-driver.ts';
import { DriverPool } from './reused-driver.ts';
import type { Form } from './stage.ts';
import type { World } from './world.ts';
import { wireForm } from './world.ts';

/** The Node client. */
export function nodeForm(world: World): Form {
  const open = () => new NodeDriver(connect);
  return wireForm({ name: 'Node', protocol: 'grpc', abilities: ABILITIES, open }, world);
}

/** Plain HTTP: JSON, event streams, and pulls in the place of a stream of one's own. */
export function httpForm(world: World): Form {
  const lacking = ['tls', 'worker', 'producerName', 'readBytes', 'started', 'binding'] as const;
  const open = () => new HttpDriver();
  return wireForm({ name: 'HTTP', protocol: 'http', abilities: allBut(...lacking), open }, world);
}

/** A client in another language, by its driver. */
export function languageForm(
  { language, run, directory, lacks, reuse }: Language,
  world: World,
): Form {
  const start = () => new ProcessDriver(run, directory);
  const pool = new DriverPool(start);
  world.adopt(pool);
  const open = () => (reuse ? pool.take() : start());
  const abilities = allBut(...lacks);
  return wireForm({ name: language, protocol: 'grpc', abilities, open }, world);
}

/** Those that are tested here without a tool of another language. */
export const BUILT_IN: readonly ((world: World) => Form)[] = [nodeForm, httpForm];

function allBut(...lacking: readonly Ability[]): readonly Ability[] {
  return ABILITIES.filter((each) => !lacking.includes(each));
}
