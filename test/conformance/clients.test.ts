import { afterAll } from 'vitest';
import { loadCases } from './suite/case.ts';
import { describeCases } from './suite/describe-cases.ts';
import { httpForm, nodeForm } from './suite/forms.ts';
import { World } from './suite/world.ts';

const world = new World();
afterAll(() => world[Symbol.asyncDispose]());

const cases = await loadCases();
describeCases(nodeForm(world), cases);
describeCases(httpForm(world), cases);
