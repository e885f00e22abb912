import { together } from '../support/together.ts';

together('{portal,arcgis,vault}/**/*.test.ts');
