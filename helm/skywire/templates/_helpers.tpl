{{/* Names of objects: 36 letters leave room for what is appended. */}}
{{- define "skywire.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 36 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 36 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "skywire.controlPlane" -}}
{{ include "skywire.fullname" . }}-control-plane
{{- end -}}

{{- define "skywire.messaging" -}}
{{ include "skywire.fullname" . }}-messaging
{{- end -}}

{{/* What an object is chosen by, of this release. */}}
{{- define "skywire.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "skywire.labels" -}}
{{ include "skywire.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: skywire
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* An image: of root context and its values. */}}
{{- define "skywire.image" -}}
{{- $image := index . 1 -}}
{{- $root := index . 0 -}}
{{- if $image.digest -}}
{{ $root.Values.image.registry }}{{ $image.name }}@{{ $image.digest }}
{{- else -}}
{{ $root.Values.image.registry }}{{ $image.name }}:{{ $image.tag | default $root.Values.image.tag | default $root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "skywire.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ int64 .Values.security.userId }}
runAsGroup: {{ int64 .Values.security.groupId }}
fsGroup: {{ int64 .Values.security.groupId }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "skywire.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
privileged: false
runAsNonRoot: true
capabilities:
  drop:
    - ALL
{{- end -}}

{{/* The environment variable that Spring Boot binds to a setting. */}}
{{- define "skywire.variable" -}}
{{ . | replace "-" "" | replace "." "_" | replace "[" "_" | replace "]" "" | upper }}
{{- end -}}

{{/* A variable that the chart does not set itself and that holds no secret, else the chart is refused: the last of two
would win, and the termination period, the ports and the mounts follow from the values. Of the value that names it, the
name there, the variable. */}}
{{- define "skywire.freeVariable" -}}
{{- $where := index . 0 -}}
{{- $name := index . 1 -}}
{{- $variable := index . 2 -}}
{{- if regexMatch "PASSWORD|SECRET|TOKEN" $variable -}}
{{- fail (printf "%s: %s: secrets come by reference: controlPlane.extraEnv with valueFrom" $where $name) -}}
{{- else if regexMatch "^(SERVER_ADDRESS|SERVER_PORT|SPRING_GRPC_SERVER_ADDRESS|SPRING_GRPC_SERVER_PORT|MANAGEMENT_SERVER_.*|SPRING_DATASOURCE_(URL|USERNAME)|SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE|SKYWIRE_KEYSDIRECTORY|SKYWIRE_JSONLOG|SKYWIRE_AGENT_DRAIN(SPREAD|GRACE))$" $variable -}}
{{- fail (printf "%s: %s: the chart sets this itself, by a value of its own" $where $name) -}}
{{- end -}}
{{- $variable -}}
{{- end -}}

{{- define "skywire.jdbcUrl" -}}
{{- $parameters := dict "sslmode" .Values.database.sslMode -}}
{{- if ne .Values.database.sslMode "disable" -}}
{{- if .Values.database.ca.secretName -}}
{{- $_ := set $parameters "sslrootcert" "/run/skywire/database-ca/ca.crt" -}}
{{- else if hasPrefix "verify-" .Values.database.sslMode -}}
{{- $_ := set $parameters "sslfactory" "org.postgresql.ssl.DefaultJavaSSLFactory" -}}
{{- end -}}
{{- end -}}
{{- $parameters = merge (dict) .Values.database.parameters $parameters -}}
{{- $pairs := list -}}
{{- range $name, $value := $parameters -}}
{{- $pairs = append $pairs (printf "%s=%s" $name (toString $value | urlquery)) -}}
{{- end -}}
{{- $host := .Values.database.host -}}
{{- if not (contains "," $host) -}}
{{- $host = printf "%s:%d" $host (int .Values.database.port) -}}
{{- end -}}
jdbc:postgresql://{{ $host }}/{{ .Values.database.name }}?{{ join "&" $pairs }}
{{- end -}}

{{/* The ports of PostgreSQL: several hosts name theirs. */}}
{{- define "skywire.databasePorts" -}}
{{- $ports := list -}}
{{- range splitList "," .Values.database.host -}}
{{- $ports = append $ports (regexFind ":[0-9]+$" . | trimPrefix ":" | default (toString (int $.Values.database.port))) -}}
{{- end -}}
{{- join " " $ports -}}
{{- end -}}

{{/* Public keys of the messaging servers that are listed as official. */}}
{{- define "skywire.officialServers" -}}
{{- $keys := list -}}
{{- range .Values.messaging.servers -}}
{{- with .publicKey -}}
{{- $keys = append $keys . -}}
{{- end -}}
{{- end -}}
{{- join "," $keys -}}
{{- end -}}

{{- define "skywire.hostPort" -}}
{{- $host := index . 0 -}}
{{- if contains ":" $host }}[{{ $host }}]{{ else }}{{ $host }}{{ end }}:{{ index . 1 }}
{{- end -}}

{{/* What all messaging servers share: their pods start anew when it changes, and not when a server is added. */}}
{{- define "skywire.messagingLimits" -}}
capacity: {{ int64 .Values.messaging.capacity }}
capacity_per_network: {{ int64 .Values.messaging.capacityPerNetwork }}
{{- with .Values.messaging.lettersPerSecond }}
letters_per_second: {{ int64 . }}
{{- end }}
{{- with .Values.messaging.bytesPerSecond }}
bytes_per_second: {{ int64 . }}
{{- end }}
memory_mib: {{ int64 .Values.messaging.memoryMiB }}
socket_memory_mib: {{ int64 .Values.messaging.socketMemoryMiB }}
event_loops: {{ int64 .Values.messaging.eventLoops }}
drain_seconds: {{ int64 .Values.messaging.drainSeconds }}
{{- end -}}

{{/* Refuses what is no port: of a value's name, the value, and the port in it with its colon, or nothing. */}}
{{- define "skywire.port" -}}
{{- with index . 2 | trimPrefix ":" -}}
{{- if or (gt (len .) 5) (lt (int .) 1) (gt (int .) 65535) -}}
{{- fail (printf "%s: %s: %s is no port: 1 to 65535" (index $ 0) (index $ 1) .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
