/**
 * What a durable client binding receives from the extension. Clients with `rpcBaseUrl` talk to that alone; the other
 * addresses only have to be there (durable-functions, lib/src/durableClient/getClient.js).
 */
export function clientBinding(rpcBaseUrl: string): string {
  const base = 'http://localhost/runtime/webhooks/durabletask';
  const key = 'code=none';
  const instance = `${base}/instances/INSTANCEID`;
  return JSON.stringify({
    taskHubName: 'local',
    rpcBaseUrl,
    baseUrl: base,
    requiredQueryStringParameters: key,
    creationUrls: {
      createNewInstancePostUri: `${base}/orchestrators/{functionName}[/{instanceId}]?${key}`,
      createAndWaitOnNewInstancePostUri: `${base}/orchestrators/{functionName}[/{instanceId}]?timeout={timeoutInSeconds}&${key}`,
    },
    managementUrls: {
      id: 'INSTANCEID',
      statusQueryGetUri: `${instance}?${key}`,
      sendEventPostUri: `${instance}/raiseEvent/{eventName}?${key}`,
      terminatePostUri: `${instance}/terminate?reason={text}&${key}`,
      rewindPostUri: `${instance}/rewind?reason={text}&${key}`,
      purgeHistoryDeleteUri: `${instance}?${key}`,
      suspendPostUri: `${instance}/suspend?reason={text}&${key}`,
      resumePostUri: `${instance}/resume?reason={text}&${key}`,
      restartPostUri: `${instance}/restart?${key}`,
    },
  });
}
