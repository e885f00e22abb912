import { together } from '../support/together.ts';

together('functions/[o-z]*.test.ts');
