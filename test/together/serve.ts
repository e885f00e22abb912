import { together } from '../support/together.ts';

together('{serve,api,monitor}/**/*.test.ts');
