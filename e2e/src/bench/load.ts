/** What the benchmark applies: one repository, and Kustomizations that each take a directory of it. */
import type { TestRepository } from '@gitops-toolkit/git/testing';

/** Namespace of the objects that Kustomizations apply. */
export const targetNamespace = 'bench';

/** Name and directory of the nth Kustomization. */
export const nameOf = (index: number) => `app-${String(index).padStart(5, '0')}`;

/** A directory for each Kustomization: a Deployment without replicas, its account, service and configuration. */
export function filesFor(count: number): Parameters<TestRepository['commit']>[0] {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => nameOf(index)).flatMap((name) => [
      [`${name}/kustomization.yaml`, kustomizationFile],
      [`${name}/app.yaml`, manifests(name)],
    ]),
  );
}

const kustomizationFile = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${targetNamespace}
resources:
  - app.yaml
`;

const manifests = (name: string) => `apiVersion: v1
kind: ServiceAccount
metadata:
  name: ${name}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
data:
  LOG_LEVEL: info
  GREETING: hello from ${name}
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector:
    app: ${name}
  ports:
    - name: http
      port: 80
      targetPort: http
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 0
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      serviceAccountName: ${name}
      containers:
        - name: app
          image: registry.example.org/app:1.0.0
          ports:
            - name: http
              containerPort: 8080
          envFrom:
            - configMapRef:
                name: ${name}
          resources:
            requests:
              cpu: 10m
              memory: 16Mi
`;
