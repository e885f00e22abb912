import * as df from 'durable-functions';
import { app } from '../lib/app.ts';

/** Every address that no other function has: the page. Its own keys open it, not those of functions. */
df.app.client.http('page', {
  route: '{*path}',
  methods: ['GET', 'HEAD', 'POST'],
  authLevel: 'anonymous',
  handler: (request, client, context) => app().page(request, client, context),
});
