import type { NewFunction } from './templates.ts'

/** The Knative Service of a function that answers short requests from its database, with an account of its own. */
export const manifestOf = ({ name, service, role }: NewFunction) => `# Says what the clock of the ${service} database shows.
apiVersion: v1
kind: ServiceAccount
metadata:
  name: ${name}
automountServiceAccountToken: false
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: ${name}
spec:
  template:
    metadata:
      annotations:
        # Four connections, a few milliseconds each: 20 under way are answered within 50 ms.
        autoscaling.knative.dev/target: "20"
        autoscaling.knative.dev/min-scale: "0"
        # 10 pods x 4 connections; see databases/${service}.
        autoscaling.knative.dev/max-scale: "10"
        # Whoever asked once may ask again within a minute.
        autoscaling.knative.dev/scale-to-zero-pod-retention-period: "1m"
    spec:
      serviceAccountName: ${name}
      # Four times the target: beyond it requests only wait for connections, and waiting is better done before a pod than in it.
      containerConcurrency: 80
      # Answers take milliseconds. What this really sets is how long a pod may take to end: 30 s without a request, 5 s for the
      # process, and 10 s for requests that come in between.
      timeoutSeconds: 45
      containers:
        - name: user-container
          image: shop/${name}
          ports:
            - name: http1
              containerPort: 8080
          env:
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef: { name: ${service}-database, key: ${role}-url }
            - { name: JWKS, value: /run/secrets/shop/jwks.json }
          volumeMounts:
            - { name: keys, mountPath: /run/secrets/shop }
          # No period: queue-proxy asks every 50 ms until the first yes. Ready means that the database let this role in, which
          # it does once the migrations have run.
          readinessProbe:
            httpGet: { path: /readyz, port: 8080 }
          # A process that has not answered for 30 s does not come back by itself. The database is not asked: restarting its
          # clients would not mend it.
          livenessProbe:
            httpGet: { path: /livez, port: 8080 }
            periodSeconds: 10
            timeoutSeconds: 2
            failureThreshold: 3
          resources:
            # No limit on the processor: throttling would lengthen just the starts that matter.
            requests: { cpu: 50m, memory: 96Mi }
            # Idle 80 Mi, twice that under load.
            limits: { memory: 256Mi }
      volumes:
        - name: keys
          projected:
            sources:
              - secret: { name: jwks }
`
