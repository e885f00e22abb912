import { together } from '../support/together.ts';

together('functions/weather/*.test.ts');
