import { connect } from 'playhead-client';
import type { Ability } from './case.ts';
import { ABILITIES } from './case.ts';
import { HttpDriver } from './http/http-driver.ts';
import type { LanguageClient } from './language.ts';
import { NodeDriver } from './node/node-driver.ts';
import { ProcessDriver } from './process-driver.ts';
import { DriverPool } from './reused-driver.ts';
import type { Form } from './stage.ts';
import type { World } from './world.ts';
import { wireForm } from './world.ts';

/** The Node client. */
export function nodeForm(world: World): Form {
  const open = () => new NodeDriver(connect);
  // An error that nobody waited for is an unhandled rejection, which the process tells by itself.
  const abilities = allBut('keepsErrors');
  return wireForm({ name: 'Node', protocol: 'grpc', abilities, open }, world);
}

const HTTP_LACKS: readonly Ability[] = [
  'faults',
  'tls',
  'worker',
  'producerName',
  'readBytes',
  'started',
  'binding',
  'unwaited',
  'keepsErrors',
  'publisherFull',
  'cancel',
];

/** Plain HTTP: JSON, event streams, and pulls in the place of a stream of one's own. */
export function httpForm(world: World): Form {
  const open = () => new HttpDriver();
  const abilities = allBut(...HTTP_LACKS);
  return wireForm({ name: 'HTTP', protocol: 'http', abilities, open }, world);
}

/** A client in another language, by its driver. */
export function languageForm(
  { name, run, directory, lacks, reuse }: LanguageClient,
  world: World,
): Form {
  const start = () => new ProcessDriver(run, directory);
  const pool = new DriverPool(start);
  world.adopt(pool);
  const open = () => (reuse ? pool.take() : start());
  const abilities = allBut(...lacks);
  return wireForm({ name, protocol: 'grpc', abilities, open }, world);
}

/** Those that are tested here without a tool of another language. */
export const BUILT_IN: readonly ((world: World) => Form)[] = [nodeForm, httpForm];

function allBut(...lacking: readonly Ability[]): readonly Ability[] {
  return ABILITIES.filter((each) => !lacking.includes(each));
}
