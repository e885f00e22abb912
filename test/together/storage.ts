import { together } from '../support/together.ts';

together('{archive,storage}/**/*.test.ts');
