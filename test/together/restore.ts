import { together } from '../support/together.ts';

together('{restore,takeover,history}/**/*.test.ts');
