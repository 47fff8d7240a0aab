// kvoracle asks KubeVirt's own code what it makes of a VirtualMachine or VirtualMachineInstance.
//
//	kvoracle serve                            a JSON request a line in, a JSON answer a line out
//	kvoracle stream --kubevirt KV < DOCS      YAML documents in, a JSON answer a line out
//
// An answer holds what admission said (virt-api's webhooks behind the CRD's schema), the launcher pod
// virt-controller would make, and the libvirt domain virt-launcher would define. Nothing is sent anywhere: the
// packages run in this process, on stores that hold what the request names.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"

	"sigs.k8s.io/yaml"

	"kubevirt.io/client-go/log"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "kvoracle:", err)
		os.Exit(2)
	}
}

// mostMemory ends the program where a machine makes the code run away, before the host suffers.
const mostMemory = 6 << 30

func run(arguments []string) error {
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: mostMemory, Max: mostMemory}); err != nil {
		return err
	}
	if len(arguments) == 0 {
		return fmt.Errorf("usage: kvoracle serve | stream --kubevirt FILE")
	}
	flags := flag.NewFlagSet("kvoracle", flag.ContinueOnError)
	kubevirt := flags.String("kubevirt", "", "stream: the KubeVirt object (YAML)")
	withCRD := flags.Bool("crd", false, "also the CRD's schema, as kube-apiserver applies it; serve always does")
	cpus := flags.String("cpuset", "", "stream: the pod's CPUs, as 2,3,4")
	logs := flags.Bool("logs", false, "let KubeVirt's own log reach stderr")
	var environment variables
	flags.Var(&environment, "env", "stream: NAME=VALUE for virt-launcher (repeatable)")
	if err := flags.Parse(arguments[1:]); err != nil {
		return err
	}
	if !*logs {
		quiet()
	}
	schemas := crdSchemas{}
	if *withCRD || arguments[0] == "serve" {
		var err error
		if schemas, err = newCRDSchemas(); err != nil {
			return err
		}
	}
	switch arguments[0] {
	case "serve":
		return serve(os.Stdin, os.Stdout, schemas)
	case "stream":
		for _, variable := range environment {
			name, value, _ := strings.Cut(variable, "=")
			os.Setenv(name, value)
		}
		return stream(os.Stdin, os.Stdout, *kubevirt, cpuset(*cpus), schemas)
	}
	return fmt.Errorf("unknown verb %q", arguments[0])
}

type variables []string

func (v *variables) String() string         { return strings.Join(*v, " ") }
func (v *variables) Set(value string) error { *v = append(*v, value); return nil }

// quiet sends what the packages log (each machine, at length) nowhere.
func quiet() {
	log.Log.SetIOWriter(io.Discard)
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null // klog and the default logger write to it
	}
}

func cpuset(text string) (ids []int) {
	for _, part := range strings.Split(text, ",") {
		if id, err := strconv.Atoi(part); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// request is one line of `serve`.
type request struct {
	KubeVirt json.RawMessage     `json:"kubevirt"`
	CPUSet   []int               `json:"cpuset,omitempty"`
	Object   json.RawMessage     `json:"object"`
	PCI      map[string][]string `json:"pciAddresses,omitempty"` // by resource
	Claims   []string            `json:"claims,omitempty"`       // PersistentVolumeClaims that exist, namespace/name
	Networks []string            `json:"networks,omitempty"`     // NetworkAttachmentDefinitions likewise
}

// service keeps the clusters it has made, since many machines meet the same few.
type service struct {
	schemas  crdSchemas
	clusters map[string]*cluster
	networks *networkServer
	address  string
}

// serve answers until its input ends.
func serve(in io.Reader, out io.Writer, schemas crdSchemas) error {
	networks, address, err := serveNetworks()
	if err != nil {
		return err
	}
	s := &service{schemas, map[string]*cluster{}, networks, address}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	lines := bufio.NewReaderSize(in, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var asked request
			if err := json.Unmarshal(line, &asked); err != nil {
				return err
			}
			if err := encoder.Encode(s.answer(asked)); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// answer answers one request; a KubeVirt object this version cannot read is an answer too.
func (s *service) answer(asked request) answer {
	server := nobody
	if len(asked.Networks) > 0 {
		server = s.address
	}
	key := server + string(asked.KubeVirt)
	c, ok := s.clusters[key]
	if !ok {
		var err error
		if c, err = newCluster(asked.KubeVirt, s.schemas, server); err != nil {
			return answer{Error: err.Error()}
		}
		s.clusters[key] = c
	}
	c.cpuset = asked.CPUSet
	c.setClaims(asked.Claims)
	s.networks.set(asked.Networks)
	setPCIAddresses(asked.PCI)
	return c.answer(asked.Object)
}

func stream(in io.Reader, out io.Writer, kubevirt string, cpus []int, schemas crdSchemas) error {
	text, err := os.ReadFile(kubevirt)
	if err != nil {
		return err
	}
	c, err := newCluster(text, schemas, nobody)
	if err != nil {
		return err
	}
	c.cpuset = cpus
	documents, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, document := range bytes.Split(documents, []byte("\n---\n")) {
		if len(bytes.TrimSpace(document)) == 0 {
			continue
		}
		var said answer
		if raw, err := yaml.YAMLToJSON(document); err != nil {
			said.Error = err.Error()
		} else {
			said = c.answer(raw)
		}
		if err := encoder.Encode(said); err != nil {
			return err
		}
	}
	return nil
}
