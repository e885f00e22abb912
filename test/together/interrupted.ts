import { together } from '../support/together.ts';

together('functions/interrupted/*.test.ts');
