#!/bin/sh
# Dumps the database of $SERVICE to a new file in $BACKUPS and drops files that are too old. A file that is there is whole:
# it gets its name only after it was written and read again.
set -eu

: "${SERVICE:?}" "${PGHOST:?}" "${PASSWORD_FILE:?}" "${BACKUPS:?}" "${KEEP_DAYS:?}"
PGPASSWORD=$(cat "$PASSWORD_FILE")
export PGPASSWORD

name=$SERVICE-$(date -u +%Y%m%dT%H%M%SZ).dump
unfinished=$BACKUPS/.$name.unfinished
trap 'rm -f "$unfinished"' EXIT

# No owners and grants: restoring makes the roles anew (db/roles.ts), perhaps with other names for the database.
pg_dump --host="$PGHOST" --username="${SERVICE}_owner" --dbname="$SERVICE" \
  --format=custom --compress=6 --no-owner --no-privileges --file="$unfinished"
pg_restore --list "$unfinished" >/dev/null
sync "$unfinished"
mv "$unfinished" "$BACKUPS/$name"

# What a killed run left behind, and old dumps; never the newest one, however old it is.
find "$BACKUPS" -name '.*.unfinished' -mmin +1440 -delete
find "$BACKUPS" -name "$SERVICE-*.dump" ! -name "$name" -mtime +"$KEEP_DAYS" -delete
echo "backup: $name $(wc -c <"$BACKUPS/$name") bytes"
