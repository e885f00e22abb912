import { together } from '../support/together.ts';

together('upkeep/**/*.test.ts');
