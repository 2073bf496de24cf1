package io.skywire.deployment;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Values that cannot be meant are refused before anything reaches a cluster, and the message names them.
class ValuesSchemaTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        controlPlane: {replicas: two}                 | /controlPlane/replicas
        controlPlane: {replicas: 0}                   | /controlPlane/replicas
        controlPlane: {replica: 3}                    | 'replica' not allowed
        controlplane: {replicas: 3}                   | 'controlplane' not allowed
        controlPlane: {keys: {existingSecret: ''}}    | /controlPlane/keys/existingSecret
        controlPlane: {resources: {limits: {memory: lots}}} | /controlPlane/resources/limits/memory
        controlPlane: {settings: {PASSWORD: secret}}  | invalid propertyName 'PASSWORD'
        controlPlane: {autoscaling: {minReplicas: 1}} | /controlPlane/autoscaling/minReplicas
        controlPlane: {topologySpread: {zones: Maybe}} | /controlPlane/topologySpread/zones
        database: {sslMode: prefer}                   | /database/sslMode
        database: {host: 'jdbc:postgresql://db/x'}    | /database/host
        database: {password: secret}                  | 'password' not allowed
        database: {parameters: {password: secret}}    | invalid propertyName 'password'
        database: {poolSize: 4}                       | /database/poolSize
        messaging: {enabled: true}                    | /messaging/servers
        messaging: {servers: [{address: relay}]}      | /messaging/servers/0/address
        messaging: {servers: [{address: 'r.example.org:7780', publicKey: '04ab'}]} | /messaging/servers/0/publicKey
        messaging: {bytesPerSecond: 100}              | /messaging/bytesPerSecond
        security: {userId: 0}                         | /security/userId
        gatewayApi: {enabled: true}                   | /gatewayApi/parentRefs
        networkPolicy: {enabled: maybe}               | /networkPolicy/enabled
        networkPolicy: {clients: [{}]}                | /networkPolicy/clients/0
        image: {registry: mirror.example.org}         | /image/registry
        monitoring: {serviceMonitor: {interval: 15}}  | /monitoring/serviceMonitor/interval
        """)
    void refusesWrongValuesAndNamesThem(String values, String named) {
        assertThatThrownBy(() -> Chart.SKYWIRE.render("", values)).hasMessageContaining(named);
    }
}
