package main

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
)

// nobody is an address where no API server answers.
const nobody = "http://127.0.0.1:1"

// networkServer is an API server that knows NetworkAttachmentDefinitions and nothing else: 1.8's pod renderer reads
// those of a machine's networks.
type networkServer struct {
	lock  sync.Mutex
	known map[string]bool // by namespace/name
}

// serveNetworks starts a server on loopback and returns its address.
func serveNetworks() (*networkServer, string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	server := &networkServer{known: map[string]bool{}}
	go func() { _ = http.Serve(listener, server) }()
	return server, "http://" + listener.Addr().String(), nil
}

func (s *networkServer) set(names []string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	clear(s.known)
	for _, name := range names {
		s.known[name] = true
	}
}

func (s *networkServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/apis/k8s.cni.cncf.io/v1/namespaces/")
	namespace, name, found := strings.Cut(rest, "/network-attachment-definitions/")
	s.lock.Lock()
	known := s.known[namespace+"/"+name]
	s.lock.Unlock()
	if !ok || !found || !known {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition", "metadata": {"namespace": %q, "name": %q}}`, namespace, name)
}
