import { together } from '../support/together.ts';

together('functions/[a-n]*.test.ts');
