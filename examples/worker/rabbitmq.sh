#!/bin/sh
# A RabbitMQ of your own to try it with: rabbitmq.sh FOLDER PORT
# All of it is in the folder and on loopback, on this port and the two next ones. It runs until it is ended (Ctrl-C, or
# SIGTERM), and then nothing of it is left running. User and password are guest.
set -eu
[ $# = 2 ] || { echo "usage: rabbitmq.sh FOLDER PORT" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd) port=$2
printf 'listeners.tcp.1 = 127.0.0.1:%s\nloopback_users.guest = true\n' "$port" >"$folder/rabbitmq.conf"
: >"$folder/enabled_plugins"
export HOME="$folder" ERL_CRASH_DUMP="$folder/crash" RABBITMQ_CONF_ENV_FILE=/dev/null
export RABBITMQ_CONFIG_FILE="$folder/rabbitmq" RABBITMQ_ENABLED_PLUGINS_FILE="$folder/enabled_plugins"
export RABBITMQ_MNESIA_BASE="$folder/data" RABBITMQ_LOG_BASE="$folder/log" RABBITMQ_PID_FILE="$folder/pid"
# Erlang's own directory of nodes: one that is already there is used, otherwise a daemon would stay behind.
export RABBITMQ_NODENAME="mailseal$port@localhost" RABBITMQ_DIST_PORT=$((port + 1))
export ERL_EPMD_PORT=$((port + 2)) ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
epmd & epmd=$!
/usr/lib/rabbitmq/bin/rabbitmq-server & server=$!
trap 'kill $server 2>/dev/null || :' INT TERM
wait $server || wait $server || :
kill $epmd
