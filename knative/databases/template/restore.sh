#!/bin/sh
# Brings the database of $SERVICE back from a dump: $BACKUP, or the newest one in $BACKUPS. It is restored beside the one in
# use, which is moved aside only when that has worked, and is kept. The roles' rights are given by the migrate Job afterwards.
set -eu

: "${SERVICE:?}" "${PGHOST:?}" "${PASSWORD_FILE:?}" "${BACKUPS:?}"
PGUSER=postgres
PGPASSWORD=$(cat "$PASSWORD_FILE")
export PGUSER PGPASSWORD PGHOST

dump=$BACKUPS/${BACKUP:-$(cd "$BACKUPS" && ls "$SERVICE"-*.dump | tail -n 1)}
pg_restore --list "$dump" >/dev/null
restored=${SERVICE}_restored
aside=${SERVICE}_before_$(date -u +%Y%m%d%H%M%S)
tell() { psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=postgres --command="$1"; }

tell "drop database if exists $restored with (force)"
tell "create database $restored owner ${SERVICE}_owner"
pg_restore --dbname="$restored" --role="${SERVICE}_owner" --no-owner --no-privileges --exit-on-error --single-transaction "$dump"

# Nobody may come back in between: then neither name could be changed.
tell "alter database $SERVICE allow_connections false"
tell "select pg_terminate_backend(pid) from pg_stat_activity where datname = '$SERVICE'" >/dev/null
tell "alter database $SERVICE rename to $aside"
tell "alter database $restored rename to $SERVICE"
echo "restore: $SERVICE is as in $(basename "$dump"); what was there is in the database $aside"
