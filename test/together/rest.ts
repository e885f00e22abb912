import { together } from '../support/together.ts';

together('*.test.ts', '{backup,git,run,settings}/**/*.test.ts');
