import { loadCases } from './suite/case.ts';
import { describeCases } from './suite/describe-cases.ts';
import { embeddedForm } from './suite/embedded-form.ts';

const cases = await loadCases();
describeCases(embeddedForm('disk'), cases);
describeCases(embeddedForm('memory'), cases);
