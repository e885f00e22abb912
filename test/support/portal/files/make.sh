#!/usr/bin/env bash
# Makes the fixture files of the simulated portal. Needs GDAL (ogr2ogr, gdal_translate) and zip; run once, the results are kept.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TZ=UTC
here=$PWD

# zip NAME from the contents of a folder of $work, with fixed times and no extra fields
pack() { # target, folder in $work, what to pack
  rm -f "$here/$1"
  (cd "$work/$2" && find "$3" -exec touch -d '2024-05-01T12:00:00Z' {} + && find "$3" -type f | LC_ALL=C sort | zip -X -q -9 "$here/$1" -@)
}

{
  echo 'station,x,y,depth_m,note'
  for n in $(seq 1 40); do
    echo "W-$n,$(awk "BEGIN{printf \"%.4f\", -83.0 - $n * 0.0131}"),$(awk "BEGIN{printf \"%.4f\", 42.3 + $n * 0.0077}"),$((n * 7 % 45)),\"well $n, checked\""
  done
} > stations.csv
{
  echo 'inspection,station,passed,day'
  for n in $(seq 1 30); do echo "I-$n,W-$((n * 3 % 40 + 1)),$((n % 4 != 0)),2024-04-$(printf %02d $((n)))"; done
} > inspections.csv

rm -f bus-stops.geojson inspections.xlsx
ogr2ogr -q -f GeoJSON bus-stops.geojson stations.csv -oo X_POSSIBLE_NAMES=x -oo Y_POSSIBLE_NAMES=y -a_srs EPSG:4326 \
  -nln bus_stops -sql "SELECT station AS stop, note FROM stations" -lco RFC7946=YES
ogr2ogr -q -f GeoJSON "$work/areas.geojson" bus-stops.geojson -dialect sqlite \
  -sql "SELECT stop AS parcel, ST_Buffer(geometry, 0.003, 4) AS geometry FROM bus_stops"

mkdir "$work/gdb" "$work/shp"
ogr2ogr -q -f OpenFileGDB "$work/gdb/parcels.gdb" "$work/areas.geojson" -nln Parcels
ogr2ogr -q -f OpenFileGDB -update "$work/gdb/parcels.gdb" bus-stops.geojson -nln Hydrants
ogr2ogr -q -f OpenFileGDB -update "$work/gdb/parcels.gdb" inspections.csv -nln Inspections
pack parcels.gdb.zip gdb parcels.gdb
ogr2ogr -q -f 'ESRI Shapefile' "$work/shp/roads.shp" bus-stops.geojson
pack roads.zip shp .

python3 - "$work/logo.ppm" <<'PY'
import sys
w = h = 96
with open(sys.argv[1], 'wb') as out:
    out.write(b'P6 %d %d 255\n' % (w, h))
    for y in range(h):
        for x in range(w):
            inside = (x - 48) ** 2 + (y - 48) ** 2 < 1600
            out.write(bytes((40, 90 + x, 160) if inside else (245, 245, 240 - y)))
PY
gdal_translate -q -of PNG "$work/logo.ppm" logo.png
gdal_translate -q -of PNG -outsize 40 40 "$work/logo.ppm" thumbnail.png
gdal_translate -q -of PDF -co STREAM_COMPRESS=DEFLATE "$work/logo.ppm" flyer.pdf 2> /dev/null
ogr2ogr -q -f XLSX inspections.xlsx inspections.csv
rm -f ./*.aux.xml

mkdir -p "$work/form/esriinfo" "$work/code"
echo '<h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Hydrant check</h:title></h:head><h:body/></h:html>' > "$work/form/esriinfo/form.xml"
echo '{"name":"Hydrant check","type":"Form"}' > "$work/form/esriinfo/form.itemInfo"
pack form.zip form esriinfo
echo 'define([], function () { return { name: "sample widget" }; });' > "$work/code/widget.js"
pack code.zip code widget.js
