import { together } from '../support/together.ts';

together('{cli,copy}/**/*.test.ts');
