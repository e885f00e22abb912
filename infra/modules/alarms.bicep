// Each alarm counts the rows of its query and rings at the first one. It looks every hour over a longer time, because lines
// arrive late; an alarm that rings stays one alarm until it looks and finds nothing.
param name string
param location string
param workspaceId string
param email string

var alarms = [
  { key: 'no-run', severity: 0, window: 'P2D', title: 'No backup has completed for 26 hours' }
  { key: 'failed', severity: 1, window: 'PT2H', title: 'A backup failed' }
  { key: 'partial', severity: 2, window: 'PT2H', title: 'A backup could not save everything' }
  { key: 'shrunk', severity: 1, window: 'P2D', title: 'The organization or the archive has shrunk by a fifth' }
  { key: 'warned', severity: 2, window: 'PT2H', title: 'A backup saw rows, fields, files or many items disappear' }
  { key: 'refused', severity: 1, window: 'PT2H', title: 'Storage or vault refuse requests' }
  { key: 'throttled', severity: 3, window: 'PT6H', title: 'The portal limits the backup' }
  { key: 'damaged', severity: 0, window: 'P2D', title: 'The archive is damaged' }
  {
    key: 'not-restored'
    severity: 1
    window: 'PT2H'
    title: 'A restore or a drill failed, or did not bring back everything'
  }
  { key: 'destroyed', severity: 0, window: 'PT2H', title: 'Somebody deletes the archive' }
]
var queries = {
  damaged: loadTextContent('../queries/alarms/damaged.kql')
  destroyed: loadTextContent('../queries/alarms/destroyed.kql')
  failed: loadTextContent('../queries/alarms/failed.kql')
  'no-run': loadTextContent('../queries/alarms/no-run.kql')
  'not-restored': loadTextContent('../queries/alarms/not-restored.kql')
  partial: loadTextContent('../queries/alarms/partial.kql')
  refused: loadTextContent('../queries/alarms/refused.kql')
  shrunk: loadTextContent('../queries/alarms/shrunk.kql')
  throttled: loadTextContent('../queries/alarms/throttled.kql')
  warned: loadTextContent('../queries/alarms/warned.kql')
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${name}-people'
  location: 'global'
  properties: {
    groupShortName: 'ago-backup'
    enabled: true
    emailReceivers: [{ name: 'mail', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alarm in alarms: {
    name: '${name}-${alarm.key}'
    location: location
    kind: 'LogAlert'
    properties: {
      displayName: alarm.title
      severity: alarm.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT1H'
      windowSize: alarm.window
      autoMitigate: true
      // Some tables come into being with their first row, which is after the deployment.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: queries[alarm.key]
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]
