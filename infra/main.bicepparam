using 'main.bicep'

// Every setting of the table in docs/settings.md that is no secret may stand here, by its own name.
param settings = {
  ARCGIS_PORTAL_URL: readEnvironmentVariable('ARCGIS_PORTAL_URL', 'https://www.arcgis.com')
}
// ALARM_EMAIL=you@example.org az deployment group create ...; without it nothing is deployed.
param alarmEmail = readEnvironmentVariable('ALARM_EMAIL')
