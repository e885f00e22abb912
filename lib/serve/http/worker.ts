import { app } from '@azure/functions';
import { noticeResponses } from './held-back.ts';

/**
 * What the worker of Azure loads beside the functions (`main` in package.json): bodies of answers are streamed rather than
 * gathered. The local host streams anyway, and does not load this.
 * https://learn.microsoft.com/azure/azure-functions/functions-reference-node#http-streams
 */
app.setup({ enableHttpStream: true });
noticeResponses();
