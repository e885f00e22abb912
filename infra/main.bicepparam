using 'main.bicep'

// Every setting of the README's table that is no secret may stand here, by its own name.
param settings = {
  ARCGIS_PORTAL_URL: 'https://www.arcgis.com'
}
param alarmEmail = 'gis-admins@example.com'
